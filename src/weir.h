// Everything a program needs: #include "weir/weir.h".
#pragma once

#include "weir/api/collected_stream.h"
#include "weir/api/connected_streams.h"
#include "weir/api/data_stream.h"
#include "weir/api/environment.h"
#include "weir/api/keyed_stream.h"
#include "weir/api/print.h"
#include "weir/api/windowed_stream.h"
#include "weir/connectors/discard/discard_sink.h"
#include "weir/connectors/file/csv_file_sink.h"
#include "weir/connectors/file/csv_file_source.h"
#include "weir/connectors/file/text_file_sink.h"
#include "weir/connectors/file/text_file_source.h"
#include "weir/connectors/generator/generator_source.h"
#include "weir/functions/aggregates.h"
#include "weir/functions/process_function.h"
#include "weir/functions/split_words.h"
