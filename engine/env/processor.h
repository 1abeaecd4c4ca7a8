// How much of a processor's time a process has used: of real threads, what the operating system
// counts; of a simulated process, an estimate by what it receives and sends.
#pragma once

#include <cstdint>

namespace ottla {

class Processor {
 public:
  virtual ~Processor() = default;
  // In nanoseconds since some moment before; never less than before.
  [[nodiscard]] virtual std::int64_t used_nanos() const = 0;
};

}  // namespace ottla
