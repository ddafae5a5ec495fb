import ArgumentParser
import StackCommand

@main
enum Entry {
    static func main() async {
        await StackCommand.main()
    }
}
