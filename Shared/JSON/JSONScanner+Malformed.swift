extension JSONScanner {
    /// The kinds of JSON values.
    public enum Kind: Sendable {
        case object, array, string, number, boolean, null
    }

    /// The text is not JSON, or not of the shape that was asked for.
    public struct Malformed: Error, Equatable {
        /// Where, in bytes from the start of the text.
        public let offset: Int
        public let reason: Reason

        /// For readers: the text has another shape than they need.
        public init() {
            self.init(offset: 0, reason: .otherShape)
        }

        init(offset: Int, reason: Reason) {
            self.offset = offset
            self.reason = reason
        }

        /// What is wrong; the raw value is for people.
        public enum Reason: String, Sendable {
            case otherShape = "not of the expected shape"
            case tooDeep = "nested too deeply"
            case endsEarly = "the text ends early"
            case textAfterEnd = "text after the end"
            case unexpectedCharacter = "unexpected character"
            case unexpectedWord = "unexpected word"
            case noName = "expected a name in quotes"
            case duplicateName = "a name is given twice"
            case noColon = "expected a colon"
            case noCommaInObject = "expected a comma or the end of the object"
            case noCommaInArray = "expected a comma or the end of the array"
            case noDigit = "expected a digit"
            case numberOutOfRange = "a number out of range"
            case stringWithoutEnd = "a string does not end"
            case controlCharacter = "a control character in a string"
            case notUTF8 = "a string is not UTF-8"
            case unknownEscape = "an unknown escape"
            case halfSurrogatePair = "half of a surrogate pair"
        }
    }
}
