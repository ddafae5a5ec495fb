/// The version of the whole project, by semantic versioning. Every program prints it for `--version`, and the API's
/// description names it. A release changes this line and adds its section to CHANGELOG.md; a test compares the two.
public let martletVersion = "0.2.0"
