/// Where to go after signing in: only a path of this server, so that a link to the sign-in page cannot send people
/// elsewhere.
func localPath(_ text: String?) -> String? {
    guard let text, text.hasPrefix("/"), text.utf8.count <= 1_024, !text.hasPrefix("//") else { return nil }
    // Browsers take a backslash for a slash, and drop control characters.
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") }) else { return nil }
    return text
}
