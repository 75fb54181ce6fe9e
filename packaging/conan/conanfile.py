"""Conan 2 recipe of the glow library: headers, of the source tree that it lies in.

    conan create packaging/conan --build=missing -o "glow/*:with_eigen=True"
"""
import re
from pathlib import Path

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import copy, rm, rmdir

TREE = Path(__file__).resolve().parent.parent.parent


class GlowConan(ConanFile):
    name = "glow"
    description = "Normalizing flows in C++20: models as types, exact likelihoods"
    license = "MIT"
    topics = "machine-learning", "normalizing-flows", "generative-models"
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"with_eigen": [True, False]}
    default_options = {"with_eigen": False}

    def set_version(self):
        header = (TREE / "include" / "glow" / "version.hpp").read_text()
        self.version = ".".join(re.findall(r"#define GLOW_VERSION_(?:MAJOR|MINOR|PATCH) ([0-9]+)", header))

    def export_sources(self):
        for pattern in "CMakeLists.txt", "LICENSE", "cmake/*", "include/*", "packaging/deb/*":
            copy(self, pattern, src=TREE, dst=self.export_sources_folder)

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        if self.options.with_eigen:
            self.requires("eigen/[>=3.3 <6]", transitive_headers=True)

    def package_id(self):
        self.info.settings.clear()

    def validate(self):
        check_min_cppstd(self, 20)

    def generate(self):
        toolchain = CMakeToolchain(self)
        for part in "BENCHMARKS", "EXAMPLES", "RUNTIME", "TESTS":
            toolchain.cache_variables[f"GLOW_BUILD_{part}"] = False
        for part in "CUDA", "EIGEN", "MPI", "NATIVE":
            toolchain.cache_variables[f"GLOW_{part}"] = "OFF"
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", src=self.source_folder, dst=Path(self.package_folder) / "licenses")
        # Conan tells of the package by files of its own.
        rmdir(self, Path(self.package_folder) / "share")
        rm(self, "*.cmake", self.package_folder, recursive=True)

    def package_info(self):
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
        self.cpp_info.set_property("cmake_file_name", "glow")
        headers = self.cpp_info.components["headers"]
        headers.set_property("cmake_target_name", "glow::glow")
        headers.set_property("pkg_config_name", "glow")
        headers.bindirs = headers.libdirs = []
        headers.system_libs = ["pthread"]
        if self.options.with_eigen:
            eigen = self.cpp_info.components["eigen"]
            eigen.set_property("cmake_target_name", "glow::eigen")
            eigen.bindirs = eigen.libdirs = []
            eigen.requires = ["headers", "eigen::eigen"]
