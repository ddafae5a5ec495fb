import Testing

@testable import PasswordHashing

@Suite("Password hashing")
struct PasswordHashingTests {
    /// Cheap enough for tests that are not about the cost.
    static let cheap = HashingParameters(memory: 64, iterations: 1)

    private func hasher(
        _ parameters: HashingParameters = cheap, threads: Int = 2
    ) throws -> PasswordHasher {
        try PasswordHasher(configuration: .init(parameters: parameters, threads: threads))
    }

    @Test(arguments: ReferenceVector.all)
    func `The reference implementation's vectors come out`(_ vector: ReferenceVector) throws {
        let parameters = HashingParameters(
            memory: vector.memory, iterations: vector.iterations, lanes: vector.lanes, saltLength: vector.salt.count)
        let encoded = try Argon2.hash(
            Array(vector.password.utf8), salt: Array(vector.salt.utf8), parameters: parameters)
        #expect(encoded == vector.encoded)
        #expect(try Argon2.verify(Array(vector.password.utf8), encoded: vector.encoded))
        #expect(try PasswordHash(encoded: vector.encoded).parameters == parameters)
    }

    @Test func `The right password fits and every other does not`() async throws {
        let hasher = try hasher()
        defer { hasher.shutdown() }
        let password = Array("correct horse battery staple".utf8)
        let hash = try await hasher.hash(password)
        #expect(try await hasher.verify(password, against: hash))
        #expect(try await hasher.verify(password, against: PasswordHash(encoded: hash.encoded)))
        for wrong in [
            "", "correct horse battery stapl", "correct horse battery staple ", "Correct horse battery staple",
        ] {
            #expect(try await !hasher.verify(Array(wrong.utf8), against: hash))
        }
    }

    @Test func `A password is taken byte by byte: zero bytes and long ones count`() async throws {
        let hasher = try hasher()
        defer { hasher.shutdown() }
        let hash = try await hasher.hash([0x61, 0, 0x62])
        #expect(try await hasher.verify([0x61, 0, 0x62], against: hash))
        #expect(try await !hasher.verify([0x61, 0, 0x63], against: hash))
        #expect(try await !hasher.verify([0x61], against: hash))
        let long = [UInt8](repeating: 0x78, count: 256)
        let longHash = try await hasher.hash(long)
        #expect(try await hasher.verify(long, against: longHash))
        #expect(try await !hasher.verify(Array(long.dropLast()), against: longHash))
    }

    @Test func `Two hashes of one password differ, because each has its own salt`() async throws {
        let hasher = try hasher()
        defer { hasher.shutdown() }
        let first = try await hasher.hash(Array("password one".utf8))
        let second = try await hasher.hash(Array("password one".utf8))
        #expect(first != second)
    }

    @Test func `The default cost is 19,456 KiB, two passes and one lane, with 16 bytes of salt and 32 of tag`()
        async throws
    {
        let hasher = try hasher(HashingParameters())
        defer { hasher.shutdown() }
        let hash = try await hasher.hash(Array("tell me your cost".utf8))
        #expect(hash.encoded.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(hash.parameters == HashingParameters())
        let read = try PasswordHash(encoded: hash.encoded)
        #expect(read.parameters.saltLength == 16 && read.parameters.tagLength == 32)
        #expect(!hasher.needsRehash(read))
    }

    @Test func `A hash made with other parameters is to be replaced, and still fits its password`() async throws {
        let old = try hasher()
        let new = try hasher(HashingParameters(memory: 128, iterations: 1))
        defer {
            old.shutdown()
            new.shutdown()
        }
        let hash = try await old.hash(Array("from before".utf8))
        #expect(!old.needsRehash(hash))
        #expect(new.needsRehash(hash))
        #expect(try await new.verify(Array("from before".utf8), against: hash))
    }

    @Test func `No password fits an unknown account, which costs as much as a known one`() async throws {
        let parameters = HashingParameters(memory: 16_384, iterations: 3)
        let hasher = try hasher(parameters, threads: 1)
        defer { hasher.shutdown() }
        let hash = try await hasher.hash(Array("somebody's".utf8))
        let stand = PasswordHash.unmatchable(parameters)
        #expect(try PasswordHash(encoded: stand.encoded).parameters == parameters)
        #expect(try await !hasher.verify(Array("anything".utf8), against: nil))

        // The quickest of several runs is free of what else the machine does.
        var known = Duration.seconds(60)
        var unknown = Duration.seconds(60)
        for _ in 0..<8 {
            let start = ContinuousClock.now
            _ = try await hasher.verify(Array("guess".utf8), against: hash)
            let middle = ContinuousClock.now
            _ = try await hasher.verify(Array("guess".utf8), against: nil)
            known = min(known, middle - start)
            unknown = min(unknown, .now - middle)
        }
        #expect(unknown > known / 2 && unknown < known * 2, "known \(known), unknown \(unknown)")
    }

    @Test(arguments: [
        "", "x", "$argon2id$", "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$MDEyMzQ1Njc4OTAxMjM0NQ",
        "$argon2id$v=16$m=64,t=1,p=1$c29tZXNhbHQ$MDEyMzQ1Njc4OTAxMjM0NQ",
        "$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$MDEyMzQ1Njc4OTAxMjM0NQ",
        "$argon2id$v=19$m=64,t=4000000000,p=1$c29tZXNhbHQ$MDEyMzQ1Njc4OTAxMjM0NQ",
        "$argon2id$v=19$m=-64,t=1,p=1$c29tZXNhbHQ$MDEyMzQ1Njc4OTAxMjM0NQ",
        "$argon2id$v=19$m=64,t=1$c29tZXNhbHQ$MDEyMzQ1Njc4OTAxMjM0NQ",
        "$argon2id$v=19$m=64,t=1,p=1$short$MDEyMzQ1Njc4OTAxMjM0NQ",
        "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$",
        "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$MDEy MzQ1Njc4OTAxMjM0NQ",
        "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$MDEyMzQ1Njc4OTAxMjM0NQ$",
    ])
    func `Stored text that is no hash, or one that would cost too much, is refused before any work`(_ text: String) {
        let error = #expect(throws: PasswordHashingError.self) { try PasswordHash(encoded: text) }
        #expect(error?.code == .malformedHash)
    }

    @Test func `A hash does not show itself when it is printed`() async throws {
        let hasher = try hasher()
        defer { hasher.shutdown() }
        let hash = try await hasher.hash(Array("not for logs".utf8))
        #expect("\(hash)" == "argon2id(m=64, t=1, p=1)")
        #expect(String(reflecting: hash) == "argon2id(m=64, t=1, p=1)")
    }

    @Test func `Parameters that Argon2id does not take are refused at the start`() {
        #expect(throws: PasswordHashingError.self) {
            try PasswordHasher(configuration: .init(parameters: HashingParameters(memory: 4)))
        }
        #expect(throws: PasswordHashingError.self) {
            try PasswordHasher(configuration: .init(parameters: HashingParameters(memory: 16, lanes: 4)))
        }
    }

    @Test func `After the shutdown new work is refused`() async throws {
        let hasher = try hasher()
        hasher.shutdown()
        hasher.shutdown()
        let error = await #expect(throws: PasswordHashingError.self) { try await hasher.hash(Array("late".utf8)) }
        #expect(error?.code == .closed)
    }
}

/// Argon2id, version 19, from the reference implementation's own tests.
struct ReferenceVector: Sendable, CustomTestStringConvertible {
    let iterations: UInt32
    let memory: UInt32
    let lanes: UInt32
    var password = "password"
    var salt = "somesalt"
    let encoded: String

    var testDescription: String { "t=\(iterations) m=\(memory) p=\(lanes) \(password) \(salt)" }

    static let all = [
        ReferenceVector(
            iterations: 2, memory: 65_536, lanes: 1,
            encoded: "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"),
        ReferenceVector(
            iterations: 2, memory: 256, lanes: 1,
            encoded: "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"),
        ReferenceVector(
            iterations: 2, memory: 256, lanes: 2,
            encoded: "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"),
        ReferenceVector(
            iterations: 1, memory: 65_536, lanes: 1,
            encoded: "$argon2id$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$9qWtwbpyPd3vm1rB1GThgPzZ3/ydHL92zKL+15XZypg"),
        ReferenceVector(
            iterations: 2, memory: 65_536, lanes: 1, password: "differentpassword",
            encoded: "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94"),
        ReferenceVector(
            iterations: 2, memory: 65_536, lanes: 1, salt: "diffsalt",
            encoded: "$argon2id$v=19$m=65536,t=2,p=1$ZGlmZnNhbHQ$vfMrBczELrFdWP0ZsfhWsRPaHppYdP3MVEMIVlqoFBw"),
    ]
}
