import ArgumentParser
import SetupCommand

@main
enum Entry {
    static func main() async {
        await SetupCommand.main()
    }
}
