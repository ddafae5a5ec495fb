/// Files for a broker that are compiled into the programs which start one.
public enum BrokerFiles {
    /// `rejoin.erl`, which a node of a cluster evaluates beside its broker. It repairs the members of a cluster, so
    /// `compose.yaml`, which runs a single node, does not load it.
    public static var rejoin: String { String(decoding: PackageResources.rejoin_erl, as: UTF8.self) }
}
