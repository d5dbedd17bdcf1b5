# What the project leans on. Each is linked only where the design lets its header be seen.
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(MICROHTTPD REQUIRED IMPORTED_TARGET libmicrohttpd>=0.9.75)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson>=2.13)
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip>=1.7)
pkg_check_modules(LIBMD REQUIRED IMPORTED_TARGET libmd)

find_library(B64_LIBRARY b64 REQUIRED)
find_path(B64_INCLUDE b64/cdecode.h REQUIRED)
find_path(STB_INCLUDE stb/stb_image.h REQUIRED)

# libtorch: 1.13 or later, from the distribution or through CMAKE_PREFIX_PATH.
set(DIGIT_HAVE_TORCH OFF)
if(NOT DIGIT_TORCH STREQUAL "OFF")
  include(CheckLanguage)
  check_language(CXX)
  if(CMAKE_CXX_COMPILER)
    enable_language(CXX)
    find_package(Torch QUIET)
  endif()
  if(Torch_FOUND)
    set(DIGIT_HAVE_TORCH ON)
    # Torch's headers are not written for our warnings.
    add_library(digit_torch INTERFACE)
    target_include_directories(digit_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
    target_link_libraries(digit_torch INTERFACE ${TORCH_LIBRARIES})
    separate_arguments(torch_flags UNIX_COMMAND "${TORCH_CXX_FLAGS}")
    target_compile_options(digit_torch INTERFACE ${torch_flags})
  elseif(DIGIT_TORCH STREQUAL "ON")
    message(FATAL_ERROR "libtorch was not found. Install libtorch-dev, or name its folder: "
      "-DCMAKE_PREFIX_PATH=/path/to/libtorch")
  endif()
endif()

# A plug-in: a shared object that a program loads only when asked for.
function(digit_plugin name)
  add_library(${name} MODULE ${ARGN})
  set_target_properties(${name} PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${DIGIT_PLUGIN_DIRECTORY})
  target_link_libraries(${name} PRIVATE digit_compiler digit)
  install(TARGETS ${name} LIBRARY DESTINATION lib/digit)
endfunction()
