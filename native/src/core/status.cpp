#include "core/status.hpp"

#include <cstdio>
#include <cstring>
#include <new>

namespace nc {
namespace {

// Fixed size: setting an error never allocates, so that out of memory can be told.
constexpr size_t kTextSize = 2048;
thread_local char last_error[kTextSize] = "";

}  // namespace

void fail(nc_status status, const char* format, ...) {
  char text[kTextSize];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  throw Error(status, text);
}

void set_last_error(const char* text) noexcept { std::snprintf(last_error, sizeof last_error, "%s", text); }

const char* get_last_error() noexcept { return last_error; }

nc_status status_of_current_exception(const char* function) noexcept {
  const auto set = [&](const char* text) { std::snprintf(last_error, sizeof last_error, "%s: %s", function, text); };
  try {
    throw;
  } catch (const Error& e) {
    set(e.what());
    return e.status();
  } catch (const std::bad_alloc&) {
    set("out of memory");
    return NC_OUT_OF_MEMORY;
  } catch (const std::exception& e) {
    set(e.what());
    return NC_INTERNAL_ERROR;
  } catch (...) {
    set("unknown exception");
    return NC_INTERNAL_ERROR;
  }
}

}  // namespace nc
