/// Every fault that there is.
public enum FaultCatalogue {
    public static let all: [any Fault] = {
        var faults: [any Fault] = [MessagesReplicaKilled(), GatewayKilled(), UsersServiceKilled()]
        faults += BrokerKilled.Victims.allCases.map { BrokerKilled(victims: $0) } as [any Fault]
        faults += DatabaseMemberLost.Victim.allCases.map { DatabaseMemberLost(victim: $0) } as [any Fault]
        faults += Blackout.Extent.allCases.map { Blackout(extent: $0) } as [any Fault]
        faults += Freeze.Victim.allCases.map { Freeze(victim: $0) } as [any Fault]
        faults += Partition.Shape.allCases.map { Partition(shape: $0) } as [any Fault]
        faults += ServiceCutOff.Ends.allCases.map { ServiceCutOff(ends: $0) } as [any Fault]
        faults.append(Flapping())
        faults += BadLine.Kind.allCases.map { BadLine(kind: $0) } as [any Fault]
        faults += LostResponse.Kind.allCases.map { LostResponse(kind: $0) } as [any Fault]
        faults += BrokerDiskFull.Extent.allCases.map { BrokerDiskFull(extent: $0) } as [any Fault]
        faults += DatabaseDiskFull.Victim.allCases.map { DatabaseDiskFull(victim: $0) } as [any Fault]
        faults += [BrokerMemoryAlarm(), QueuesFull()] as [any Fault]
        faults += WrongClocks.Kind.allCases.map { WrongClocks(kind: $0) } as [any Fault]
        faults += [PoisonedCommands(), DuplicateStorm(), SlowReaders()] as [any Fault]
        faults += RollingRestart.Extent.allCases.map { RollingRestart(extent: $0) } as [any Fault]
        faults += TopologyLost.Part.allCases.map { TopologyLost(part: $0) } as [any Fault]
        faults += Overload.Kind.allCases.map { Overload(kind: $0) } as [any Fault]
        faults += [ReplicasComeAndGo(), Rollback()] as [any Fault]
        faults += MemberAstray.Member.allCases.map { MemberAstray(member: $0) } as [any Fault]
        faults += [QueueLogEnded(), GroupEventsLost()] as [any Fault]
        return faults
    }()

    /// The kinds, in the order of their numbers.
    public static let ids: [String] = {
        var ids: [String] = []
        for fault in all where !ids.contains(fault.id) { ids.append(fault.id) }
        return ids.sorted { Int($0.dropFirst()) ?? 0 < Int($1.dropFirst()) ?? 0 }
    }()

    /// The faults that are meant: a kind such as `F8` with all its ways, or one of them such as `F8/ring`.
    /// - Returns: nil if there is no such fault
    public static func faults(named name: String) -> [any Fault]? {
        let wanted = all.filter { $0.id.lowercased() == name.lowercased() || $0.name.lowercased() == name.lowercased() }
        return wanted.isEmpty ? nil : wanted
    }
}
