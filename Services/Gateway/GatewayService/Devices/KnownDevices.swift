import ChatContracts
import Crypto
import Foundation
import HTTPTypes
import Logging
import Synchronization

/// Recognizes browsers that have signed in to an account before, on any gateway.
final class KnownDevices: Sendable {
    static let keyBytes = 32

    private let cookie: DeviceCookie
    private let store: any DeviceKeyStore
    private let logger: Logger
    private let key = Mutex<SymmetricKey?>(nil)

    init(cookie: DeviceCookie, store: any DeviceKeyStore, logger: Logger) {
        self.cookie = cookie
        self.store = store
        self.logger = logger
    }

    /// The device of a request, if it has signed in to the account of this name in the last year; nil also while the key
    /// cannot be read, so that the rules for strangers hold.
    func recognize(_ username: String, in fields: HTTPFields, now: Timestamp = .now) async -> DeviceID? {
        let tokens = cookie.tokens(in: fields).filter { !$0.isExpired(now: now.seconds) }
        guard !tokens.isEmpty, let key = await sharedKey() else { return nil }
        return tokens.first { $0.isGenuine(for: username, key: key) }?.id
    }

    /// The `Set-Cookie` header by which the browser is recognized from now on, beside the accounts that it is known to
    /// already; nil while the key cannot be read.
    func cookie(remembering username: String, in fields: HTTPFields, now: Timestamp = .now) async -> String? {
        guard let key = await sharedKey() else { return nil }
        var others = cookie.tokens(in: fields).filter { !$0.isExpired(now: now.seconds) }
        let mine = others.first { $0.isGenuine(for: username, key: key) }
        others.removeAll { $0.isGenuine(for: username, key: key) }
        let token = DeviceToken(mine?.id ?? .random(), for: username, issued: now.seconds, key: key)
        return cookie.header(setting: [token] + others)
    }

    private func sharedKey() async -> SymmetricKey? {
        if let known = key.withLock({ $0 }) { return known }
        let candidate = (0..<Self.keyBytes).map { _ in UInt8.random(in: 0...255) }
        do {
            let shared = SymmetricKey(data: try await store.deviceKey(orInsert: candidate))
            key.withLock { $0 = shared }
            return shared
        } catch {
            logger.notice("The key of known devices cannot be read", metadata: ["error": "\(error)"])
            return nil
        }
    }
}

extension Timestamp {
    fileprivate var seconds: Int64 { milliseconds / 1_000 }
}
