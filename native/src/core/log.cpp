#include "core/log.hpp"

#include <cstdarg>
#include <cstdio>
#include <mutex>

namespace nc {
namespace {

// Recursive: a callback may make calls that log.
std::recursive_mutex mutex;
nc_log_callback current = nullptr;
void* current_user = nullptr;

}  // namespace

void log(nc_log_level level, const char* format, ...) {
  const std::lock_guard lock(mutex);
  if (!current) return;
  char text[2048];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  current(current_user, level, text);
}

void set_log_callback(nc_log_callback callback, void* user) {
  const std::lock_guard lock(mutex);
  current = callback;
  current_user = user;
}

}  // namespace nc
