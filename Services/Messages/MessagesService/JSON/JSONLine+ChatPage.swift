import ChatContracts

extension JSONLine {
    static func encode(_ page: ChatPage) -> [UInt8] {
        var line: [UInt8] = []
        line.append(contentsOf: "{\"list\":".utf8)
        append(page.list, to: &line) { $1.append(contentsOf: encode($0)) }
        if let shown = page.shown {
            line.append(contentsOf: ",\"shown\":".utf8)
            append(shown, to: &line) { shown, line in
                line.append(contentsOf: "{\"conversation\":".utf8)
                line.append(contentsOf: encode(shown.conversation))
                line.append(contentsOf: ",\"history\":".utf8)
                line.append(contentsOf: encode(shown.history))
                line.append(UInt8(ascii: "}"))
            }
        }
        line.append(UInt8(ascii: "}"))
        return line
    }

    private static func append<Value>(
        _ part: ReplyPart<Value>, to line: inout [UInt8], value append: (Value, inout [UInt8]) -> Void
    ) {
        switch part {
        case .value(let value):
            line.append(contentsOf: "{\"value\":".utf8)
            append(value, &line)
        case .fault(let fault):
            line.append(contentsOf: "{\"fault\":{\"code\":".utf8)
            self.append(fault.code.rawValue, to: &line)
            line.append(contentsOf: ",\"message\":".utf8)
            self.append(fault.message, to: &line)
            if let field = fault.field {
                line.append(contentsOf: ",\"field\":".utf8)
                self.append(field, to: &line)
            }
            line.append(UInt8(ascii: "}"))
        }
        line.append(UInt8(ascii: "}"))
    }
}
