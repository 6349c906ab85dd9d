# Stands in for Zephyr's build: the functions that a module calls, and the modules of ZEPHYR_EXTRA_MODULES.
project(zephyr_stand_in C ASM)
set(CONFIG_JERBOA y)
add_library(zephyr_interface INTERFACE)
target_include_directories(zephyr_interface INTERFACE ${CMAKE_CURRENT_LIST_DIR}/..)
add_library(app STATIC)
target_link_libraries(app PRIVATE zephyr_interface)

function(zephyr_include_directories)
  foreach(folder ${ARGN})
    get_filename_component(whole ${folder} ABSOLUTE)
    target_include_directories(zephyr_interface INTERFACE ${whole})
  endforeach()
endfunction()

function(zephyr_library_named name)
  add_library(${name} STATIC)
  target_link_libraries(${name} PRIVATE zephyr_interface)
  set(ZEPHYR_CURRENT_LIBRARY ${name} PARENT_SCOPE)
endfunction()

function(zephyr_library_sources)
  target_sources(${ZEPHYR_CURRENT_LIBRARY} PRIVATE ${ARGN})
endfunction()

foreach(module ${ZEPHYR_EXTRA_MODULES})
  add_subdirectory(${module}/zephyr ${CMAKE_BINARY_DIR}/modules)
endforeach()
