# Installs the build to a prefix of its own, builds the example programs against it by find_package and by pkg-config, runs them.
foreach(name BUILD PREFIX SOURCE WORK CONFIG COMPILER GENERATOR)
  if(NOT ${name})
    message(FATAL_ERROR "test.cmake: ${name} is not set")
  endif()
endforeach()

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(result)
    message(FATAL_ERROR "${ARGN}:\n${output}")
  endif()
  message("${output}")
endfunction()

file(REMOVE_RECURSE ${PREFIX} ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${PREFIX} --config ${CONFIG})
file(GLOB_RECURSE pc ${PREFIX}/nativechain.pc)
get_filename_component(pc_path ${pc} DIRECTORY)

set(ways OFF)
find_program(pkg_config NAMES pkg-config pkgconf)
if(pkg_config)
  list(APPEND ways ON)
endif()
# The perceptron without data: a small one on what it makes up.
set(classifier_arguments)
set(mnist_arguments --unit 32 --epoch 2)
foreach(example classifier mnist)
  foreach(use_pkg_config ${ways})
    set(work ${WORK}/${example}_pkg_config_${use_pkg_config})
    run(${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${pc_path} ${CMAKE_COMMAND} -S ${SOURCE}/${example} -B ${work}
      -G ${GENERATOR} -DCMAKE_BUILD_TYPE=${CONFIG} -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_PREFIX_PATH=${PREFIX}
      -DUSE_PKG_CONFIG=${use_pkg_config} -DCMAKE_BUILD_RPATH=${pc_path}/..)
    run(${CMAKE_COMMAND} --build ${work} --config ${CONFIG})
    run(${CMAKE_COMMAND} -E env --unset=NATIVECHAIN_DATA ${work}/${example} ${${example}_arguments})
  endforeach()
endforeach()
