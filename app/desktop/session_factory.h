// Makes the session that the window shows.
#pragma once

#include <memory>

#include "app/desktop/desktop_options.h"
#include "engine/base/result.h"
#include "engine/observe/session.h"

namespace ottla::desktop {

// A running simulated cluster, or a sentence on why there is none. With `at` set it is paused at
// that virtual time.
[[nodiscard]] Result<std::unique_ptr<observe::ClusterSession>, std::string> make_session(
    const DesktopOptions& options);

}  // namespace ottla::desktop
