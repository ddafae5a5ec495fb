internal import Glibc

/// Bytes on their way to a socket, in one growing block. Belongs to one thread.
struct OutboundBuffer: ~Copyable {
    private var memory: UnsafeMutableRawPointer
    private var capacity: Int
    private var head = 0
    private var tail = 0

    private static let idleCapacity = 1024 * 1024

    init(capacity: Int = 256 * 1024) {
        self.capacity = capacity
        memory = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { memory.deallocate() }

    var count: Int { tail - head }

    /// Lets `body` write up to `limit` bytes at the end. It returns how many it wrote; negative numbers are its errors,
    /// and write nothing.
    mutating func append(limit: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        makeRoom(limit)
        let written = body(UnsafeMutableRawBufferPointer(start: memory + tail, count: limit))
        if written > 0 { tail += written }
        return written
    }

    /// Forgets everything appended since `count` was as given.
    mutating func truncate(to count: Int) { tail = head + count }

    /// Writes as much as the socket takes without waiting.
    /// - Returns: whether anything was written, and whether all was.
    mutating func write(to socket: Int32) throws(SocketFailure) -> (progress: Bool, complete: Bool) {
        var progress = false
        while head < tail {
            let sent = send(socket, memory + head, tail - head, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
            if sent > 0 {
                head += sent
                progress = true
            } else if errno == EAGAIN || errno == EWOULDBLOCK {
                return (progress, false)
            } else if errno != EINTR {
                throw SocketFailure(number: errno)
            }
        }
        head = 0
        tail = 0
        if capacity > Self.idleCapacity { resize(to: Self.idleCapacity) }
        return (progress, true)
    }

    private mutating func makeRoom(_ needed: Int) {
        if tail + needed <= capacity { return }
        if head > 0 && count + needed <= capacity && head >= count {
            memmove(memory, memory + head, count)
            tail -= head
            head = 0
            return
        }
        resize(to: max(capacity * 2, count + needed))
    }

    private mutating func resize(to newCapacity: Int) {
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: newCapacity, alignment: 16)
        fresh.copyMemory(from: memory + head, byteCount: count)
        memory.deallocate()
        memory = fresh
        capacity = newCapacity
        tail -= head
        head = 0
    }
}

struct SocketFailure: Error {
    var number: Int32

    var text: String { String(cString: strerror(number)) }
}
