include(${CMAKE_CURRENT_LIST_DIR}/nativechainTargets.cmake)
