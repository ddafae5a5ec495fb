import CMalloc

/// The memory that the C library keeps for later although nothing uses it.
public enum FreeMemory {
    /// Gives its pages back to the system. Blocks: some milliseconds for a heap of 50 MiB.
    public static func giveBack() { _ = malloc_trim(0) }
}
