# What an installation has beside programs, and how `cpack` makes a Debian package of it.
#
#     cpack --config build/CPackConfig.cmake        (./dev package does that)

# systemd's units. Where the program is, is known when it is installed.
set(units ${CMAKE_SOURCE_DIR}/ops/systemd)
install(CODE "
  set(bindir \${CMAKE_INSTALL_PREFIX}/bin)
  configure_file(${units}/digitd.service.in ${CMAKE_BINARY_DIR}/ops/digitd.service @ONLY)"
  COMPONENT service)
install(FILES ${CMAKE_BINARY_DIR}/ops/digitd.service ${units}/digitd.socket
  DESTINATION lib/systemd/system COMPONENT service)

# What only Debian asks for is installed by nobody else.
set(debian ${CMAKE_SOURCE_DIR}/ops/debian)
set(maintainer "The digitd authors <digitd@localhost.localdomain>")
install(CODE "
  string(TIMESTAMP date \"%a, %d %b %Y %H:%M:%S +0000\" UTC) # or SOURCE_DATE_EPOCH
  set(maintainer \"${maintainer}\")
  set(version ${PROJECT_VERSION})
  configure_file(${debian}/changelog.in ${CMAKE_BINARY_DIR}/ops/changelog @ONLY)
  execute_process(COMMAND gzip -9nf ${CMAKE_BINARY_DIR}/ops/changelog COMMAND_ERROR_IS_FATAL ANY)"
  COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${debian}/copyright ${CMAKE_BINARY_DIR}/ops/changelog.gz
  DESTINATION share/doc/digitd COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${debian}/lintian-overrides
  DESTINATION share/lintian/overrides RENAME digitd COMPONENT debian EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME digitd)
set(CPACK_PACKAGE_CONTACT ${maintainer})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "server that recognises handwritten digits over HTTP")
set(CPACK_PACKAGE_DESCRIPTION "Takes pictures (PNG, JPEG, BMP; alone or in JSON) of handwritten digits and
answers with the probability of each digit, by a convolutional network that it
runs on the CPU. It has a page to draw on, and speaks the Open Inference
Protocol.
.
After installation it listens on 127.0.0.1 port 8080; settings are for
/etc/digitd/digitd.env. Models can be files or live in HDFS.
.
The package also has digit, the tool to evaluate models and to use them
without a server; training needs libtorch, and is not in it.")
set(CPACK_COMPONENTS_ALL server service tool debian)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_SET_DESTDIR ON) # so that the prefix is where things will be
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION httpd)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS procps) # kill, which the unit reloads with
set(CPACK_DEBIAN_PACKAGE_SUGGESTS gnuplot-nox)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${debian}/postinst ${debian}/prerm ${debian}/postrm)
include(CPack)
