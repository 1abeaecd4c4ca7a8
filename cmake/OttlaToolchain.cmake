# Compiler, linker and cache settings that every target shares.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

# ccache sees paths relative to the checkout, so that two checkouts share what they compiled.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
      CCACHE_NOHASHDIR=1 ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(ottla_options INTERFACE)
target_include_directories(ottla_options INTERFACE "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}/generated")
# A seed must mean the same in every build: no fused multiply-add that one compiler makes and another does not.
target_compile_options(ottla_options INTERFACE -ffp-contract=off)
target_compile_options(ottla_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
    -Wnon-virtual-dtor -Werror)
if(OTTLA_SANITIZE)
  target_compile_options(ottla_options INTERFACE -fsanitize=${OTTLA_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(ottla_options INTERFACE -fsanitize=${OTTLA_SANITIZE})
  if(OTTLA_SANITIZE MATCHES "undefined" AND OTTLA_SANITIZE MATCHES "address")
    # The address sanitizer finds these by itself, and they cost the most.
    target_compile_options(ottla_options INTERFACE -fno-sanitize=null,object-size)
  endif()
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND OTTLA_SANITIZE)
  # GCC 12 sees uninitialised and overflowing accesses in the standard library's own code when it instruments it,
  # and warns of the fences in Boost.Asio, which the thread sanitizer does not follow.
  target_compile_options(ottla_options INTERFACE -Wno-maybe-uninitialized -Wno-stringop-overflow
      -Wno-array-bounds)
  if(OTTLA_SANITIZE STREQUAL "thread")
    target_compile_options(ottla_options INTERFACE -Wno-tsan)
  endif()
endif()

# AUTOMOC hands these to moc, which then reads the standard library's headers and, as of Qt 6.4, fails on the
# concepts in them. Without them it skips what it cannot find, as it should.
# /usr/include stays: Qt names it, and as a -isystem it would come before the standard library and break it.
set(CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES "/usr/include")
