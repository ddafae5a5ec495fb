import FaultHistory
import Testing
