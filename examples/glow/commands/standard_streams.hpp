// The streams that a program starts with.
#pragma once

namespace glow::app {

/// Lets the program hear of what would otherwise end it or be lost: writing to a pipe that nobody reads, or
/// beyond the largest size of a file, fails instead of ending the program by SIGPIPE or SIGXFSZ; and streams
/// that are closed are opened such that using them fails, so that no file of ours takes their place.
void protect_standard_streams();

/// Writes out what was printed; throws FileError if some of it could not be written, now or before.
void flush_standard_output();

}  // namespace glow::app
