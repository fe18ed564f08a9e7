#include "cpu/table.hpp"

#include "cpu/memory.hpp"

namespace nc::cpu {

namespace reference {
void register_convolution(nc_backend& table);
void register_copy(nc_backend& table);
void register_index(nc_backend& table);
void register_matmul(nc_backend& table);
void register_normalization(nc_backend& table);
void register_pooling(nc_backend& table);
void register_program(nc_backend& table);
void register_random(nc_backend& table);
void register_reduce(nc_backend& table);
void register_scan(nc_backend& table);
void register_softmax(nc_backend& table);
void register_sort(nc_backend& table);
}  // namespace reference

void register_linalg(nc_backend& table);

void register_convolution(nc_backend& table, Isa isa);
void register_copy(nc_backend& table, Isa isa);
void register_index(nc_backend& table, Isa isa);
void register_matmul(nc_backend& table, Isa isa);
void register_normalization(nc_backend& table, Isa isa);
void register_pooling(nc_backend& table, Isa isa);
void register_program(nc_backend& table, Isa isa);
void register_random(nc_backend& table, Isa isa);
void register_reduce(nc_backend& table, Isa isa);
void register_scan(nc_backend& table, Isa isa);
void register_softmax(nc_backend& table, Isa isa);
void register_sort(nc_backend& table, Isa isa);

nc_backend make_table(Isa isa) {
  nc_backend table = {};
  table.abi_version = nc_abi_version();
  table.size = sizeof(nc_backend);
  table.name = "cpu";
  table.device_type = NC_CPU;
  table.device_count = [](int32_t* count) -> nc_status {
    *count = 1;
    return NC_OK;
  };
  table.state_create = [](int32_t, void** state) -> nc_status {
    *state = nullptr;
    return NC_OK;
  };
  table.state_destroy = [](void*) {};
  table.synchronize = [](void*) -> nc_status { return NC_OK; };
  table.memory_alloc = memory_alloc;
  table.memory_free = memory_free;

  reference::register_convolution(table);
  reference::register_copy(table);
  reference::register_index(table);
  reference::register_matmul(table);
  reference::register_normalization(table);
  reference::register_pooling(table);
  reference::register_program(table);
  reference::register_random(table);
  reference::register_reduce(table);
  reference::register_scan(table);
  reference::register_softmax(table);
  reference::register_sort(table);
  register_linalg(table);

  register_convolution(table, isa);
  register_copy(table, isa);
  register_index(table, isa);
  register_matmul(table, isa);
  register_normalization(table, isa);
  register_pooling(table, isa);
  register_program(table, isa);
  register_random(table, isa);
  register_reduce(table, isa);
  register_scan(table, isa);
  register_softmax(table, isa);
  register_sort(table, isa);
  return table;
}

const nc_backend* table() {
  static const nc_backend chosen = make_table(isa());
  return &chosen;
}

}  // namespace nc::cpu
