#include "weir/base/execution/actor.h"

#include "weir/base/check.h"

namespace weir {

Actor::Actor(Executor& executor, std::string name) : name_(std::move(name)), strand_(executor) {}

Actor::~Actor() {
  WEIR_CHECK(strand_.stopped()) << "actor " << name_
                                << " must call Stop() in its own destructor, before its members die";
}

}  // namespace weir
