import ArgumentParser
import FaultsCommand

@main
enum Entry {
    static func main() async {
        await FaultsCommand.main()
    }
}
