// Errors inside the core: thrown as nc::Error, turned into a status and a thread-local text at the boundary.
#pragma once

#include <cstdarg>
#include <exception>
#include <string>

#include "nativechain/base.h"

namespace nc {

class Error : public std::exception {
 public:
  Error(nc_status status, std::string text) : status_(status), text_(std::move(text)) {}
  const char* what() const noexcept override { return text_.c_str(); }
  nc_status status() const noexcept { return status_; }

 private:
  nc_status status_;
  std::string text_;
};

// Throws nc::Error with a printf-style text.
[[noreturn]] void fail(nc_status status, const char* format, ...) __attribute__((format(printf, 2, 3)));

// Stores the text that nc_last_error gives on this thread.
void set_last_error(const char* text) noexcept;
const char* get_last_error() noexcept;

// Catches whatever is in flight, stores "function: text" and returns the status. Only from a catch block.
nc_status status_of_current_exception(const char* function) noexcept;

// The body of every exported function: nothing thrown leaves it.
template <class Body>
nc_status guard(const char* function, Body&& body) noexcept {
  try {
    body();
    return NC_OK;
  } catch (...) {
    return status_of_current_exception(function);
  }
}

}  // namespace nc
