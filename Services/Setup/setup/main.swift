import SetupCommand

await SetupCommand.main()
