import ArgumentParser
import LoadCommand

@main
enum Entry {
    static func main() async {
        await LoadCommand.main()
    }
}
