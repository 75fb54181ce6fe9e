# The compiled part of the Python module (bindings/python), which `pip install .` builds (pyproject.toml).
set(DEV_MODULE Development.Module)
if(SKBUILD_SABI_VERSION)
  set(DEV_MODULE Development.SABIModule)
endif()
find_package(Python 3.9 REQUIRED COMPONENTS Interpreter ${DEV_MODULE})
execute_process(COMMAND ${Python_EXECUTABLE} -m nanobind --cmake_dir OUTPUT_STRIP_TRAILING_WHITESPACE OUTPUT_VARIABLE nanobind_ROOT)
find_package(nanobind CONFIG REQUIRED)

nanobind_add_module(_glow STABLE_ABI NB_STATIC NB_DOMAIN glow bindings/python/model.cpp bindings/python/module.cpp
                    bindings/python/trainer.cpp ${glow_runtime_objects})
target_link_libraries(_glow PRIVATE glow::glow $<TARGET_NAME_IF_EXISTS:glow::cuda>)
nanobind_add_stub(_glow_stub MODULE _glow OUTPUT _glow.pyi PYTHON_PATH $<TARGET_FILE_DIR:_glow> DEPENDS _glow)
install(TARGETS _glow LIBRARY DESTINATION glow COMPONENT python)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/_glow.pyi DESTINATION glow COMPONENT python)
