// OTTLA_ASSERT checks an invariant of our own code. It is on in every build: a broken invariant
// stops the process at once rather than letting a wrong state spread. Bad input is never an
// assertion; it is a Result. A simulation installs a context printer, so that the message carries
// seed and virtual time.
#pragma once

#include <string>

namespace ottla {

// Prints the failed expression with its place and the context, then aborts.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

// A function that describes where the program is (seed, virtual time, event number). Called once,
// while failing. Null clears it. Per thread.
using AssertionContext = std::string (*)(void* self);
void set_assertion_context(AssertionContext context, void* self);

}  // namespace ottla

#define OTTLA_ASSERT(expression) \
  ((expression) ? void(0) : ::ottla::assertion_failed(#expression, __FILE__, __LINE__))
