#include "core/processors.hpp"

#if defined(__linux__)
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace nc {

#if defined(__linux__)
int64_t current_thread() { return syscall(SYS_gettid); }

int current_processor() { return sched_getcpu(); }

bool exclude_processor(int64_t thread, int processor) {
  const pid_t id = static_cast<pid_t>(thread);
  cpu_set_t allowed;
  // Fails on machines of more than CPU_SETSIZE processors: there threads stay where the system puts them.
  if (sched_getaffinity(id, sizeof(allowed), &allowed) != 0) return false;
  CPU_CLR(processor, &allowed);
  return CPU_COUNT(&allowed) > 0 && sched_setaffinity(id, sizeof(allowed), &allowed) == 0;
}

void include_processor(int processor) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return;
  CPU_SET(processor, &allowed);
  sched_setaffinity(0, sizeof(allowed), &allowed);
}
#else
int64_t current_thread() { return 0; }
int current_processor() { return -1; }
bool exclude_processor(int64_t, int) { return false; }
void include_processor(int) {}
#endif

}  // namespace nc
