#include "engine/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace ottla {
namespace {
thread_local AssertionContext context_printer = nullptr;
thread_local void* context_self = nullptr;
}  // namespace

void set_assertion_context(AssertionContext context, void* self) {
  context_printer = context;
  context_self = self;
}

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: invariant broken: %s\n", file, line, expression);
  if (context_printer != nullptr) {
    const AssertionContext printer = context_printer;
    context_printer = nullptr;  // A failure while describing must not describe itself.
    std::fprintf(stderr, "  %s\n", printer(context_self).c_str());
  }
  std::abort();
}

}  // namespace ottla
