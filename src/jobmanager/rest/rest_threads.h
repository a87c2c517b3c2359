// The threads on which the REST server answers. For rest_server.cc alone.
#pragma once

namespace httplib {
class TaskQueue;
}  // namespace httplib

namespace weir {

// As many as connections need at a time, up to a limit: the library keeps a thread with a connection as long as that is open, so a fixed number would let the clients
// of a few open pages wait for one another.
//
// Who calls owns it.
httplib::TaskQueue* NewRestThreads();

}  // namespace weir
