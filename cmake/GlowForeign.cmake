# Readers and writers of other programs' files (runtime/foreign), for the program and tests.
find_package(nlohmann_json REQUIRED)
file(GLOB_RECURSE foreign_sources CONFIGURE_DEPENDS runtime/foreign/*.cpp)
add_library(glow_foreign STATIC ${foreign_sources})
target_include_directories(glow_foreign PUBLIC ${PROJECT_SOURCE_DIR}/runtime)
target_link_libraries(glow_foreign PUBLIC glow_settings PRIVATE nlohmann_json::nlohmann_json)
