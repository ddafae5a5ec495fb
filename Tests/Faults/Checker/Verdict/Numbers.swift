import Foundation

/// Numbers as the report shows them.
enum Numbers {
    /// `12,345`
    static func grouped(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var text = ""
        for (offset, digit) in digits.enumerated() {
            if offset > 0, (digits.count - offset).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return number < 0 ? "-" + text : text
    }

    /// `1.25 s`
    static func seconds(_ seconds: Double) -> String {
        "\(String(format: seconds < 10 ? "%.2f" : "%.1f", seconds)) s"
    }

    /// Without decimals if there are none.
    static func plain(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? grouped(Int(number)) : String(format: "%.1f", number)
    }
}
