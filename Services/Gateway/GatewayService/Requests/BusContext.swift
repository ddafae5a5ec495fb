import MessageBus

// The bus and the HTTP framework both call theirs `RequestContext`; every other file that needs both uses this name for
// the one of the bus.
typealias BusContext = RequestContext
