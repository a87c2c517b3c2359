// DataStream::Print.
#pragma once

#include <cstdio>
#include <string>

#include "weir/api/data_stream.h"
#include "weir/connectors/print/print_sink.h"

namespace weir {

template <class T>
DataStreamSink DataStream<T>::Print(std::string_view prefix) const {
  return SinkTo(PrintSink<T>(std::string(prefix), stdout), "Print to Std. Out");
}
template <class T>
DataStreamSink DataStream<T>::PrintToErr(std::string_view prefix) const {
  return SinkTo(PrintSink<T>(std::string(prefix), stderr), "Print to Std. Err");
}

}  // namespace weir
