import Foundation
import Logging
import MongoStore

/// The database's part: the replica set, its administrator, and a user for each service that can use only that
/// service's own database.
public struct DatabaseSetup: Sendable {
    /// Where the database is.
    public struct Configuration: Sendable {
        /// The members as clients and the members themselves reach them, `host:port`.
        public var members: [String]
        /// One member as this process reaches it, `host:port`, by an address that is the server's own machine: only to
        /// such connections does MongoDB grant the making of the first user.
        public var localMember: String
        public var replicaSet: String

        public init(members: [String], localMember: String? = nil, replicaSet: String = "martlet") {
            self.members = members
            self.localMember = localMember ?? members.first ?? "127.0.0.1:27017"
            self.replicaSet = replicaSet
        }
    }

    private let configuration: Configuration
    private let secrets: SecretsFolder
    private let patience: Duration
    private let logger: Logger

    init(_ configuration: Configuration, secrets: SecretsFolder, patience: Duration, logger: Logger) {
        self.configuration = configuration
        self.secrets = secrets
        self.patience = patience
        self.logger = logger
    }

    func run() async throws(SetupError) {
        let password = try secrets.databaseAdministratorPassword()
        try await withDatabase(localConfiguration()) { database async throws(SetupError) in
            try await initiate(database)
            try await makeAdministrator(database, password: password)
        }
        let uri = "mongodb://\(configuration.members.joined(separator: ","))/?replicaSet=\(configuration.replicaSet)"
        var administrator = MongoConfiguration(
            uri: uri, database: "admin", username: SecretsFolder.administrator, password: password)
        administrator.threads = 1
        try await withDatabase(administrator) { database async throws(SetupError) in
            for service in ServiceAccount.allCases {
                try await makeUser(service, password: try secrets.databasePassword(of: service), in: database)
            }
        }
        logger.info("database is set up", metadata: ["replicaSet": "\(configuration.replicaSet)"])
    }

    private func localConfiguration() -> MongoConfiguration {
        var local = MongoConfiguration(
            uri: "mongodb://\(configuration.localMember)/?directConnection=true", database: "admin")
        local.threads = 1
        return local
    }

    private func initiate(_ database: MongoDatabase) async throws(SetupError) {
        let hello = BSONDocument { $0.append("hello", Int32(1)) }
        let response: BSONDocument
        do throws(MongoError) {
            response = try await waiting(upTo: patience, isFinal: { $0.code != .unavailable && !$0.outcomeUnknown }) {
                () async throws(MongoError) in try await database.runCommand(hello)
            }
        } catch {
            throw SetupError("the database at \(configuration.localMember) does not respond", cause: error)
        }
        if let name = try? response.optionalString("setName") {
            guard name == configuration.replicaSet else {
                throw SetupError(
                    "the database belongs to the replica set \"\(name)\", not to \"\(configuration.replicaSet)\"")
            }
        } else {
            let members = configuration.members
            let command = BSONDocument { command in
                command.document("replSetInitiate") { set in
                    set.append("_id", configuration.replicaSet)
                    set.array("members") { array in
                        for (index, host) in members.enumerated() {
                            array.document { member in
                                member.append("_id", Int32(index))
                                member.append("host", host)
                            }
                        }
                    }
                }
            }
            do throws(MongoError) {
                _ = try await database.runCommand(command)
                logger.info("replica set is initiated", metadata: ["members": "\(members.joined(separator: ","))"])
            } catch  where error.serverCode == ServerCode.alreadyInitialized {
                logger.debug("replica set was initiated by another process meanwhile")
            } catch {
                throw SetupError("the replica set could not be initiated", cause: error)
            }
        }
        try await waitForPrimary(database)
    }

    /// Waits until the set takes writes: the member at hand, if it is to lead, must not only be elected but have begun.
    private func waitForPrimary(_ database: MongoDatabase) async throws(SetupError) {
        struct NoPrimary: Error, CustomStringConvertible { let description = "it has no primary" }
        let hello = BSONDocument { $0.append("hello", Int32(1)) }
        do {
            try await waiting(upTo: patience, isFinal: { (_: any Error) in false }) { () async throws(any Error) in
                let response = try await database.runCommand(hello)
                if try response.optionalBool("isWritablePrimary") == true { return }
                let primary = try response.optionalString("primary")
                guard let primary, try primary != response.optionalString("me") else { throw NoPrimary() }
            }
        } catch {
            throw SetupError("the replica set \"\(configuration.replicaSet)\" is not ready", cause: error)
        }
    }

    private func makeAdministrator(_ database: MongoDatabase, password: String) async throws(SetupError) {
        let command = BSONDocument { command in
            command.append("createUser", SecretsFolder.administrator)
            command.append("pwd", password)
            command.array("roles") { roles in
                roles.document { role in
                    role.append("role", "root")
                    role.append("db", "admin")
                }
            }
            command.document("writeConcern") { $0.append("w", "majority") }
        }
        do throws(MongoError) {
            _ = try await database.runCommand(command)
            logger.info("database administrator is created")
        } catch  where ServerCode.exceptionIsOver.contains(error.serverCode ?? 0) {
            // There is a user already, so the door for the first one is closed. Whether it is ours shows when it signs
            // in.
        } catch {
            throw SetupError("the database's administrator could not be created", cause: error)
        }
    }

    private func makeUser(
        _ service: ServiceAccount, password: String, in database: MongoDatabase
    ) async throws(SetupError) {
        func command(_ name: String) -> BSONDocument {
            BSONDocument { command in
                command.append(name, service.name)
                command.append("pwd", password)
                command.array("roles") { roles in
                    roles.document { role in
                        role.append("role", "readWrite")
                        role.append("db", service.name)
                    }
                }
                command.document("writeConcern") { $0.append("w", "majority") }
            }
        }
        do throws(MongoError) {
            do throws(MongoError) {
                _ = try await database.runCommand(command("createUser"), database: service.name)
            } catch  where error.serverCode == ServerCode.userExists {
                _ = try await database.runCommand(command("updateUser"), database: service.name)
            }
        } catch  where ServerCode.wrongPassword.contains(error.serverCode ?? 0) {
            throw SetupError(
                """
                the database refuses the administrator's password: its data was made with other secrets than those \
                in \(secrets.url.path)
                """)
        } catch {
            throw SetupError("the database's user \(service.name) could not be created", cause: error)
        }
    }

    private func withDatabase(
        _ configuration: MongoConfiguration, _ body: (MongoDatabase) async throws(SetupError) -> Void
    ) async throws(SetupError) {
        let database: MongoDatabase
        do throws(MongoError) {
            database = try MongoDatabase(configuration: configuration, logger: logger)
        } catch {
            throw SetupError("the database's address is not valid", cause: error)
        }
        do throws(SetupError) {
            try await body(database)
        } catch {
            await database.shutdown()
            throw error
        }
        await database.shutdown()
    }

    private enum ServerCode {
        static let alreadyInitialized = 23
        static let userExists = 51003
        /// Unauthorized; and NotWritablePrimary, when the first user was made before and another member leads now.
        static let exceptionIsOver: Set<Int> = [13, 10107]
        /// AuthenticationFailed, and the driver's own code for it.
        static let wrongPassword: Set<Int> = [18, 11]
    }
}
