// SetupCommand
