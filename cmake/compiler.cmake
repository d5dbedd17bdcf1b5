# How every file is compiled: warnings, hardening, sanitizers.
# Hardening follows OpenSSF's "Compiler Options Hardening Guide for C and C++".
include(CheckCCompilerFlag)
include(CheckPIESupported)
check_pie_supported()

add_library(digit_compiler INTERFACE)
target_compile_definitions(digit_compiler INTERFACE _GNU_SOURCE)
target_include_directories(digit_compiler INTERFACE ${CMAKE_SOURCE_DIR})

set(warnings -Wall -Wextra -Wconversion -Wshadow -Wformat=2 -Wvla)
set(c_warnings -Wstrict-prototypes -Wmissing-prototypes)
if(DIGIT_WERROR)
  list(APPEND warnings -Werror)
endif()
target_compile_options(digit_compiler INTERFACE ${warnings} -fvisibility=hidden
  $<$<COMPILE_LANGUAGE:C>:${c_warnings}>)

# clang takes another processor's flags with a warning only.
set(CMAKE_REQUIRED_FLAGS -Werror)
foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
    -mbranch-protection=standard -fno-delete-null-pointer-checks -fno-strict-overflow
    -ftrivial-auto-var-init=zero)
  string(MAKE_C_IDENTIFIER "has${flag}" has)
  check_c_compiler_flag(${flag} ${has})
  if(${has})
    target_compile_options(digit_compiler INTERFACE ${flag})
  endif()
endforeach()
unset(CMAKE_REQUIRED_FLAGS)
# For a file that says why it takes one of them back.
if(has_ftrivial_auto_var_init_zero)
  set(no_auto_init -ftrivial-auto-var-init=uninitialized)
endif()
target_link_options(digit_compiler INTERFACE
  LINKER:-z,relro,-z,now,-z,noexecstack,-z,separate-code LINKER:--as-needed)

if(SANITIZER STREQUAL "")
  target_compile_options(digit_compiler INTERFACE
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3>)
elseif(SANITIZER STREQUAL "address")
  set(sanitizer -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
elseif(SANITIZER STREQUAL "thread")
  set(sanitizer -fsanitize=thread -fno-omit-frame-pointer)
else()
  message(FATAL_ERROR "SANITIZER is '${SANITIZER}'; it can be address, thread or empty")
endif()
target_compile_options(digit_compiler INTERFACE ${sanitizer})
target_link_options(digit_compiler INTERFACE ${sanitizer})
