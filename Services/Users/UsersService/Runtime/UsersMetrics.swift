import Metrics
import PasswordHashing
import ServiceKit

/// What the service counts, beside what the bus, the database and the runtime count.
struct UsersMetrics: Sendable {
    enum Occurrence {
        case registered, usernameTaken, signedIn, signInRefused, passwordChanged, passwordRehashed
    }

    private let registrations = Counter(label: "martlet_users_registrations_total")
    private let usernamesTaken = Counter(label: "martlet_users_usernames_taken_total")
    private let signIns = Counter(label: "martlet_users_sign_ins_total", dimensions: [("outcome", "accepted")])
    private let signInsRefused = Counter(label: "martlet_users_sign_ins_total", dimensions: [("outcome", "refused")])
    private let passwordsChanged = Counter(label: "martlet_users_passwords_changed_total")
    private let passwordsRehashed = Counter(label: "martlet_users_passwords_rehashed_total")

    func count(_ occurrence: Occurrence) {
        let counter =
            switch occurrence {
            case .registered: registrations
            case .usernameTaken: usernamesTaken
            case .signedIn: signIns
            case .signInRefused: signInsRefused
            case .passwordChanged: passwordsChanged
            case .passwordRehashed: passwordsRehashed
            }
        counter.increment()
    }
}

extension PasswordHasher.Load {
    var samples: [PrometheusSample] {
        [
            PrometheusSample("martlet_users_password_hashes_waiting", .gauge, Double(waiting)),
            PrometheusSample("martlet_users_password_hashes_running", .gauge, Double(running)),
            PrometheusSample("martlet_users_password_hashes_refused_total", .counter, Double(refused)),
            PrometheusSample("martlet_users_password_hashes_expired_total", .counter, Double(expired)),
        ]
    }
}
