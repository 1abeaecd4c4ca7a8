// Commands as the control API takes them: {"command": "kill", "node": 2}. What is wrong with one is
// said in a sentence that names what is right.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/observe/command.h"

namespace ottla::gateway {

// The values of "command", sorted as docs/control-api.md lists them.
[[nodiscard]] std::span<const std::string_view> command_names();

[[nodiscard]] Result<observe::Command, std::string> command_from_json(const nlohmann::json& value);
[[nodiscard]] Result<observe::Command, std::string> command_from_text(std::string_view text);

}  // namespace ottla::gateway
