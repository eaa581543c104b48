using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace KlingProxy.CrashHost;

/// <summary>A connection whose every statement that writes is a point: the transaction knows it, the disk does not.</summary>
internal sealed partial class StatementSteps(DbConnection connection, WriteStep step) : DbConnection
{
    [AllowNull]
    public override string ConnectionString
    {
        get => connection.ConnectionString;
        set => connection.ConnectionString = value;
    }

    public override string Database => connection.Database;

    public override string DataSource => connection.DataSource;

    public override string ServerVersion => connection.ServerVersion;

    public override ConnectionState State => connection.State;

    public override void ChangeDatabase(string databaseName) => connection.ChangeDatabase(databaseName);

    public override void Open() => connection.Open();

    public override void Close() => connection.Close();

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => connection.BeginTransaction(isolationLevel);

    protected override DbCommand CreateDbCommand() => new Command(connection.CreateCommand(), step);

    private sealed partial class Command(DbCommand command, WriteStep step) : DbCommand
    {
        [AllowNull]
        public override string CommandText
        {
            get => command.CommandText;
            set => command.CommandText = value;
        }

        public override int CommandTimeout
        {
            get => command.CommandTimeout;
            set => command.CommandTimeout = value;
        }

        public override CommandType CommandType
        {
            get => command.CommandType;
            set => command.CommandType = value;
        }

        public override bool DesignTimeVisible
        {
            get => command.DesignTimeVisible;
            set => command.DesignTimeVisible = value;
        }

        public override UpdateRowSource UpdatedRowSource
        {
            get => command.UpdatedRowSource;
            set => command.UpdatedRowSource = value;
        }

        protected override DbConnection? DbConnection
        {
            get => command.Connection;
            set => command.Connection = value;
        }

        protected override DbTransaction? DbTransaction
        {
            get => command.Transaction;
            set => command.Transaction = value;
        }

        protected override DbParameterCollection DbParameterCollection => command.Parameters;

        public override void Cancel() => command.Cancel();

        public override void Prepare() => command.Prepare();

        public override int ExecuteNonQuery() => throw new NotSupportedException("Stores write asynchronously.");

        public override async Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken)
        {
            var rows = await command.ExecuteNonQueryAsync(cancellationToken);
            step.Wrote(Statement().Match(command.CommandText) is { Success: true } match ? $"{match.Groups["verb"]} {match.Groups["table"]}" : "a statement");
            return rows;
        }

        public override object? ExecuteScalar() => command.ExecuteScalar();

        protected override DbParameter CreateDbParameter() => command.CreateParameter();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => command.ExecuteReader(behavior);

        protected override Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken) =>
            command.ExecuteReaderAsync(behavior, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                command.Dispose();
            base.Dispose(disposing);
        }

        [GeneratedRegex(@"\b(?<verb>INSERT|UPDATE|DELETE|CREATE)\s+(?:INTO\s+|FROM\s+|TABLE\s+|IF\s+NOT\s+EXISTS\s+)*(?<table>\w+)", RegexOptions.CultureInvariant)]
        private static partial Regex Statement();
    }
}
