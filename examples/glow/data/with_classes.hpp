// The classes of images, found by the text of --data.
#pragma once

#include <memory>

#include <glow/data/labelled.hpp>

namespace glow::app {

/// `images`, opened by open_dataset as `data`, with the classes that lie with them:
///   - "digits": the bundled labels, "0" to "9";
///   - an IDX file of images: the labels in the file beside it whose name has "labels" for "images" and idx1
///     for idx3 or idx4, as MNIST's have, or of MNIST's folder both such files. Each label that occurs is a
///     class;
///   - CIFAR-10: the label of each record, by the names of its ten classes;
///   - a folder of pictures: each sub-folder is a class, with all that lies below it;
///   - tar shards: the number in the .cls member of each sample. Each number that occurs is a class.
/// Classes are in the order of their numbers, or of the names of their folders. `known`: those that a model
/// knows, whose order then holds, and of which the data may lack some; empty for the data's own. Throws
/// FileError or Error, naming what is wrong: no labels, labels of another count than the images, pictures in
/// no sub-folder, fewer than two classes, and a class that is not among the known ones.
std::unique_ptr<Dataset> with_classes(std::unique_ptr<Dataset> images, const std::string& data,
                                      const std::vector<std::string>& known = {});

}  // namespace glow::app
