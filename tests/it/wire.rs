//! The wire: what the edge accepts, refuses and bounds, over real sockets.
