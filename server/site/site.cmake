# The page, the documentation and the OpenAPI document, packed into the program.
set(site ${CMAKE_CURRENT_BINARY_DIR}/site)
set(site_packer ${CMAKE_CURRENT_SOURCE_DIR}/site/pack.py)
set(openapi ${CMAKE_SOURCE_DIR}/openapi/openapi.yaml ${CMAKE_BINARY_DIR}/openapi/openapi.json)
list(TRANSFORM openapi REPLACE "^.*(/openapi[.].*)$" "\\1=\\0" OUTPUT_VARIABLE openapi_places)
set(site_places /web=${CMAKE_CURRENT_SOURCE_DIR}/web ${openapi_places})

# Swagger UI comes from a registry. Without it all else works, and /docs says how to get it.
set(swagger_ui "")
if(NOT DIGIT_DOCS STREQUAL "OFF")
  execute_process(COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/docs/fetch.sh
    OUTPUT_VARIABLE swagger_ui OUTPUT_STRIP_TRAILING_WHITESPACE
    ERROR_VARIABLE swagger_ui_trouble ERROR_STRIP_TRAILING_WHITESPACE)
endif()
file(REMOVE ${CMAKE_BINARY_DIR}/without-docs)
if(swagger_ui)
  message(STATUS "Swagger UI: ${swagger_ui}")
  list(APPEND site_places /docs=${CMAKE_CURRENT_SOURCE_DIR}/docs/page /docs=${swagger_ui})
elseif(DIGIT_DOCS STREQUAL "ON")
  message(FATAL_ERROR "DIGIT_DOCS is ON, but there is no Swagger UI:\n${swagger_ui_trouble}")
else()
  message(STATUS "Swagger UI: left out; /docs says how to get it. ${swagger_ui_trouble}")
  list(APPEND site_places /docs=${CMAKE_CURRENT_SOURCE_DIR}/docs/missing)
  file(TOUCH ${CMAKE_BINARY_DIR}/without-docs)
endif()

file(GLOB site_files CONFIGURE_DEPENDS web/* docs/page/* docs/missing/*)
add_custom_command(OUTPUT ${site}/site_files.S ${site}/site_files.inc
  COMMAND ${DIGIT_SYSTEM_PYTHON} ${site_packer} --root /web ${site} ${site_places}
  DEPENDS ${site_files} ${site_packer} ${openapi} openapi_json
  COMMENT "Packing the site"
  VERBATIM)
target_sources(digitd_core PRIVATE ${site}/site_files.S ${site}/site_files.inc)
target_include_directories(digitd_core PRIVATE ${site})
