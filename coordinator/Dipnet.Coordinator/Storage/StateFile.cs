using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Dipnet.Coordinator.Storage;

/// <summary>
/// The coordinator's durable state: one SQLite file, one connection, one thread that owns it. Requests that wait together are committed
/// together; a write has completed when it is on the disk. The file is locked, so that two coordinators never share it.
/// </summary>
internal sealed class StateFile : IAsyncDisposable
{
    private const int LargestBatch = 256;
    private readonly Channel<Request> _requests = Channel.CreateBounded<Request>(1024);
    private readonly SqliteConnection _connection;
    private readonly Task _owner;

    private StateFile(SqliteConnection connection)
    {
        _connection = connection;
        _owner = Task.Run(OwnAsync);
    }

    /// <exception cref="StateFileException">It can't be opened.</exception>
    public static StateFile Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 2 }.ToString());
        try
        {
            connection.Open();
            Execute(connection, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
            Execute(connection, """
                CREATE TABLE IF NOT EXISTS grain (name TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY (name, key)) WITHOUT ROWID;
                PRAGMA user_version = 1;
                """);
            return new StateFile(connection);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            var why = e.SqliteErrorCode is 5 or 6 ? "another coordinator uses it" : e.Message;
            throw new StateFileException($"state file {path}: {why}", e);
        }
    }

    /// <summary>Null: nothing is stored under that key.</summary>
    public async Task<StoredValue?> ReadAsync(string name, string key) => (StoredValue?)await Enqueue(() =>
    {
        using var command = Command("SELECT version, value FROM grain WHERE name = $name AND key = $key", name, key);
        using var reader = command.ExecuteReader();
        return reader.Read() ? new StoredValue(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)) : null;
    });

    /// <summary>The new version; null when the stored one is not <paramref name="expected"/> (0: none is stored).</summary>
    public async Task<long?> WriteAsync(string name, string key, byte[] value, long expected) => (long?)await Enqueue(() =>
    {
        using var command = Command(expected == 0
            ? "INSERT INTO grain (name, key, version, value) VALUES ($name, $key, 1, $value) ON CONFLICT DO NOTHING"
            : "UPDATE grain SET version = version + 1, value = $value WHERE name = $name AND key = $key AND version = $expected", name, key);
        command.Parameters.AddWithValue("$value", value);
        command.Parameters.AddWithValue("$expected", expected);
        return command.ExecuteNonQuery() == 1 ? expected + 1 : null;
    });

    public Task ClearAsync(string name, string key) => Enqueue(() =>
    {
        using var command = Command("DELETE FROM grain WHERE name = $name AND key = $key", name, key);
        return command.ExecuteNonQuery();
    });

    public async ValueTask DisposeAsync()
    {
        _requests.Writer.TryComplete();
        await _owner;
        await _connection.DisposeAsync();
    }

    private async Task<object?> Enqueue(Func<object?> work)
    {
        var request = new Request(work, new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously));
        await _requests.Writer.WriteAsync(request);
        return await request.Done.Task;
    }

    private async Task OwnAsync()
    {
        var batch = new List<(Request Request, object? Result)>();
        while (await _requests.Reader.WaitToReadAsync())
        {
            batch.Clear();
            try
            {
                Execute(_connection, "BEGIN IMMEDIATE");
                while (batch.Count < LargestBatch && _requests.Reader.TryRead(out var request))
                {
                    batch.Add((request, null));
                    batch[^1] = (request, request.Work());
                }

                Execute(_connection, "COMMIT");
                batch.ForEach(b => b.Request.Done.SetResult(b.Result));
            }
            catch (SqliteException e)
            {
                Fail(batch, e);
            }
        }
    }

    private void Fail(List<(Request Request, object? Result)> batch, SqliteException e)
    {
        try
        {
            Execute(_connection, "ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite rolled back by itself already.
        }

        var error = new StateFileException($"state file {_connection.DataSource}: {e.Message}", e);
        batch.ForEach(b => b.Request.Done.TrySetException(error));
        if (batch.Count == 0 && _requests.Reader.TryRead(out var waiting))
        {
            waiting.Done.TrySetException(error);
        }
    }

    private SqliteCommand Command(string sql, string name, string key)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$name", name);
        command.Parameters.AddWithValue("$key", key);
        return command;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private sealed record Request(Func<object?> Work, TaskCompletionSource<object?> Done);
}
