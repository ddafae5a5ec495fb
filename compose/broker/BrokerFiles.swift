/// Files for a broker that are compiled into the programs which start one.
public enum BrokerFiles {
    /// `rejoin.erl`, which a node of a cluster evaluates beside its broker. A broker without a cluster needs it not, so
    /// `compose.yaml`, which runs one node, does not load it.
    public static var rejoin: String { String(decoding: PackageResources.rejoin_erl, as: UTF8.self) }
}
