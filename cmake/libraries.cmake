# What the project leans on. Each is linked only where the design lets its header be seen.
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(MICROHTTPD REQUIRED IMPORTED_TARGET libmicrohttpd>=0.9.75)
pkg_check_modules(SECCOMP IMPORTED_TARGET libseccomp) # without it there is no sandbox
pkg_check_modules(GNUTLS REQUIRED IMPORTED_TARGET gnutls>=3.6.5) # libmicrohttpd's
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson>=2.13)
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip>=1.7)
pkg_check_modules(LIBDEFLATE REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(LIBMD REQUIRED IMPORTED_TARGET libmd)
pkg_check_modules(LIBCURL IMPORTED_TARGET libcurl>=7.74) # without it, nothing speaks HDFS

find_library(B64_LIBRARY b64 REQUIRED)
find_path(B64_INCLUDE b64/cdecode.h REQUIRED)
find_path(STB_INCLUDE stb/stb_image.h REQUIRED)

# libtorch: 1.13 or later, from the distribution or through CMAKE_PREFIX_PATH (Python's package
# `torch` is one). Its own CMake package is passed by: that of a libtorch with CUDA wants a CUDA
# toolkit, which nothing here is compiled with. What is linked is the part for CPUs; model/
# torch_network.cpp loads the part for CUDA when it is asked for.
set(DIGIT_HAVE_TORCH OFF)
if(NOT DIGIT_TORCH STREQUAL "OFF")
  include(CheckLanguage)
  check_language(CXX)
  find_path(TORCH_INCLUDE ATen/ATen.h)
  find_library(TORCH_CPU_LIBRARY torch_cpu)
  find_library(C10_LIBRARY c10)
  if(CMAKE_CXX_COMPILER AND TORCH_INCLUDE AND TORCH_CPU_LIBRARY AND C10_LIBRARY)
    enable_language(CXX)
    set(DIGIT_HAVE_TORCH ON)
    # Torch's headers are not written for our warnings.
    add_library(digit_torch INTERFACE)
    target_include_directories(digit_torch SYSTEM INTERFACE
      ${TORCH_INCLUDE} ${TORCH_INCLUDE}/torch/csrc/api/include)
    target_link_libraries(digit_torch INTERFACE ${TORCH_CPU_LIBRARY} ${C10_LIBRARY})
    # Python's packages before 2.7 have the C++ library's old strings in their functions' names.
    file(STRINGS ${C10_LIBRARY} old_strings REGEX "torchCheckFail.*RKSs" LIMIT_COUNT 1)
    if(old_strings)
      target_compile_definitions(digit_torch INTERFACE _GLIBCXX_USE_CXX11_ABI=0)
    endif()
  elseif(DIGIT_TORCH STREQUAL "ON")
    message(FATAL_ERROR "libtorch was not found. Install libtorch-dev, or name its folder: "
      "-DCMAKE_PREFIX_PATH=/path/to/libtorch")
  endif()
endif()

# digit_plugin(NAME COMPONENT FILE...): a shared object that a program loads only when asked for, and
# what it is installed with: server, tool or torch.
function(digit_plugin name component)
  add_library(${name} MODULE ${ARGN})
  set_target_properties(${name} PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${DIGIT_PLUGIN_DIRECTORY}
    INSTALL_RPATH_USE_LINK_PATH ON)
  target_link_libraries(${name} PRIVATE digit_compiler digit)
  install(TARGETS ${name} LIBRARY DESTINATION lib/digit COMPONENT ${component})
endfunction()
